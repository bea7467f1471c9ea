"""One file for each language that other programs speak: our HTTP API, OpenAI's, and MCP."""
