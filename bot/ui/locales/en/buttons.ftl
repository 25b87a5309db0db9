# Buttons.
button-refine = Refine
button-again = Again
button-vary = Vary
button-upscale = Upscale
button-details = Details
button-delete = Delete
button-cancel = Cancel
deleted = Deleted.
delete-title = Delete this picture
delete-reason = Why? The log of the server shows it
delete-example = You may leave this empty.
button-more = More
delete-ask = Which of these pictures shall go?
delete-all = All of them
delete-keep = None of them
