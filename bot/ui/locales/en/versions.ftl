# Further versions of a picture: forms and selects.
refine-title = Refine picture
refine-words = What should change?
refine-example = night, add a boat
refine-prompt = Or edit the prompt itself
start-title = Start from this picture
start-words = What should it become?
start-example = a watercolor of the same scene at night
vary-how = How far may it change?
vary-ask = A variation of this picture:
vary-subtle = subtle
vary-subtle-what = Everything stays where it is
vary-strong = strong
vary-strong-what = The same idea, drawn anew
which-picture = Which picture?
upscale-ask = Twice as large:
picture-number = Picture { $number }
reply-hint = I cannot read a reply whose ping is off. Reply once more with @ ON, or use the Refine button, and say what should change.
