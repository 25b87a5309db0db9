"""One file a stage: dataset, latent space, autoencoder, text encoder, painter, planner, export."""
