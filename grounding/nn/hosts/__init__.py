"""Hosts: the pretrained networks that methods attach to."""
