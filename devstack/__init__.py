"""Everything on one machine: starts the real parts and simulators and keeps them running.

Imports nothing, so that ``python3 -m devstack.clean`` works without the virtual environment.
"""
