"""A crowd: many edit at once, and nothing that was acknowledged is lost."""

from tests.crowd import find_lost_edits, run_clients


def test_twenty_five_clients_who_edit_at_once_lose_nothing(new_store):
    folder = new_store().folder
    clients, _ = run_clients(folder, clients=25, edits=10)
    assert sum(len(client.acknowledged) + client.conflicts for client in clients) == 250
    assert sum(client.conflicts for client in clients) > 0, "nobody met anybody"
    assert find_lost_edits(folder, clients) == []


def test_a_server_killed_among_twenty_five_clients_loses_nothing_it_acknowledged(new_store):
    folder = new_store().folder
    clients, _ = run_clients(folder, clients=25, edits=10_000, kill_after=100)
    assert sum(len(client.acknowledged) for client in clients) >= 100
    assert find_lost_edits(folder, clients) == []


def test_what_is_lost_is_seen(new_store):
    folder = new_store().folder
    clients, _ = run_clients(folder, clients=2, edits=4, items=1)
    clients[0].sent_versions["client0-0"].append("never written")
    clients[0].acknowledged.append(("client0-0", "never written", 999))
    assert find_lost_edits(folder, clients) == ["never written of client0 is gone", "client0-0 does not stand as it was acknowledged"]
