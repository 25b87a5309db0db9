# Buttons.
button-refine = Refine
button-again = Again
button-vary = Vary
button-upscale = Upscale
button-details = Details
button-delete = Delete
button-cancel = Cancel
deleted = Deleted.
cancelled = Cancelled; nothing was counted.
