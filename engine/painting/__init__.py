"""The diffusion model: pipelines, their capabilities and defaults, start images, previews, PNG files."""
