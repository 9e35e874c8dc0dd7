"""Tables and charts as files that people take away: CSV, Excel, PDF, PNG, SVG."""
