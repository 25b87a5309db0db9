# Why a picture cannot be started from.
refused-attachment-type = That is no picture that I can read; please attach a PNG, JPEG or WebP.
refused-attachment-animated = I can start from a still picture alone; please attach one that does not move.
refused-attachment-heavy = That file is too large; please attach one of at most { $bytes } MB.
refused-attachment-large = That picture has too many pixels; please make it at most { $side } on a side and { $megapixels } megapixels, and attach it again.
refused-attachment-small = That picture is too small; please attach one of at least { $least } pixels on each side that is not a thin strip.
refused-attachment-broken = That file is damaged; please save the picture anew and attach it again.
refused-attachment-slow = That picture takes too long to read; please make it smaller and attach it again.
refused-attachment-gone = That picture is no longer on Discord; please attach it again.
refused-attachment-unreachable = Discord does not hand out that picture right now; please try again in a minute.
refused-attachment-foreign = That picture is not on Discord; please attach it to the command or to a message.
refused-attachment-busy = I am still reading { $each } pictures of yours; please try again once you have their answers.
refused-attachment-mask-shape = The mask has { $mask } pixels and the picture { $picture }, which are other proportions; please make both of the same width and height.
refused-attachment-mask-empty = The mask marks nothing: please make what is to be painted anew transparent, or white and all else black.
refused-attachment-mask-whole = The mask marks the whole picture; leave mask out to paint all of it, or make what is to stay opaque, or black.
