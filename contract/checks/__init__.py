"""What a dataset's columns say to settings: one question in each module, put together by ``contract/columns.py``."""
