"""Teaching models of mesothelioma, immunotherapy and image-guided delivery: arrays in, frozen results out."""

__version__ = "0.1.0"
