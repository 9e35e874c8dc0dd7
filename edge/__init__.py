"""At the machine: reads OPC UA, MQTT and Sparkplug B, spools to disk, seals batches, sends them."""
