"""Reads. Every function returns frozen values; nothing is changed."""
