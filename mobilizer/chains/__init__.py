"""The chat chain (接龙): its text read into people and shifts, mended line by line, applied; and written again."""
