# Buttons.
button-again = Again
button-details = Details
button-delete = Delete
button-cancel = Cancel
deleted = Deleted.
cancelled = Cancelled; nothing was counted.
