"""The organisers' desk: one blueprint a subject, all under /equipe."""

from flask import Blueprint

rooms: tuple[Blueprint, ...] = ()
