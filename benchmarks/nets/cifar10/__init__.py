"""A quick net of photographs."""
