"""Teaching models of mesothelioma, immunotherapy and image-guided delivery."""
__version__ = "0.1.0"
