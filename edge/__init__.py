"""At the machine: reads OPC UA and MQTT, spools to disk, seals batches, sends them."""
