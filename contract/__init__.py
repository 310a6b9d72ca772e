"""What the API and the workers agree on: settings, job record, dataset file, hint, configuration, errors."""
