"""What turns the ledger, the chapters and the labs into a book: pages, PDFs and checks."""

__version__ = "0.1.0"
