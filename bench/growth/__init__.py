"""What many open purchases and many open pages cost."""
