# Commands.
command-imagine = Draw a picture from a few words, in any language
option-prompt = What to draw
option-shape = The picture's shape
option-count = How many pictures, 1 to 4
option-seed = The same seed and words give the same picture
option-exact = Do not expand my words
shape-square = square
shape-portrait = portrait
shape-landscape = landscape
shape-wide = wide
shape-tall = tall
command-help = How to use Limner
command-my = Your pictures and limits
command-my-usage = What is left for you, in which window, and why
