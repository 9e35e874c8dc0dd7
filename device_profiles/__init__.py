"""How a machine's raw tags become signals: schema, decoder, catalogue."""
