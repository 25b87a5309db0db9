"""What every training stage uses: the loop, checkpoints, progress, the device."""
