"""Pages for people: server-rendered, in three languages, without anything from outside."""
