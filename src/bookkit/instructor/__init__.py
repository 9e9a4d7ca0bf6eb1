"""What only instructors get: lesson plans, syllabi, the map of objectives and questions."""
