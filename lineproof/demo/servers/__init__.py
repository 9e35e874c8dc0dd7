"""The demo plant's machines as real OPC UA and MQTT servers.
They show what `lineproof.demo.model` says.
"""
