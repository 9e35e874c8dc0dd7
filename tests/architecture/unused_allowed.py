"""Names that vulture takes for unused, with the reason why they are not. One line each."""
# ruff: noqa: F821, B018  # bare names that exist elsewhere are its form

_.capture_signals  # uvicorn calls it: our own signal handling takes its place
_.settings_customise_sources  # pydantic-settings asks for the order of sources
_.load_standard_address_space  # asyncua calls it: our choice of nodes takes its place
_.process_bind_param  # SQLAlchemy: a column type's way into the database
_.process_result_value  # SQLAlchemy: and out of it
_.down_time_s  # KPI rows read times by their names
_.maintenance_time_s  # the same
_.load_standard_address_space  # asyncua calls it when a server starts: ours makes fewer nodes
_._handle_id  # pyHanko calls it for the second part of a PDF's ID: ours takes nothing from chance
_._update_meta  # the same before it writes: ours leaves the report's metadata as they are
_.async_request_tsa_response  # pyHanko asks it for a time stamp
_.datachange_notification  # asyncua calls it with each value of a subscription
