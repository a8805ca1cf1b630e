//! Objects: discovery, tables, usage, the opened object.
