"""Who gets into the administration, and how far."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from library.models import DeviceToken, Step, Upload, User, Video
from tests.admin.conftest import BACKEND, OURS, act, each, film_of, list_of, page_of, shown

pytestmark = pytest.mark.django_db


@each(OURS)
def test_mallory_is_sent_away_and_changes_nothing(client, mallory, video, model):
    client.force_login(mallory, BACKEND)
    row = model._default_manager.first()
    for address in (list_of(model), page_of(row), page_of(row, "delete")):
        for answer in (client.get(address), client.post(address, {"action": "move_to_trash"})):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/?next=")
    assert Video.objects.get().trashed_at is None


@each(OURS)
def test_staff_without_permissions_see_nothing(client, video, model):
    client.force_login(User.objects.create_user("sam", is_staff=True), BACKEND)
    assert "<table" not in client.get(reverse("admin:index")).content.decode()
    assert client.get(list_of(model)).status_code == 403
    assert client.get(page_of(model._default_manager.first())).status_code == 403


def staff(client, *codenames):
    sam = User.objects.create_user("sam", is_staff=True)
    sam.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(sam, BACKEND)
    return sam


def test_who_may_only_look_has_no_actions(client, video):
    staff(client, "view_video", "view_step", "view_upload", "view_devicetoken")
    for model, action in (
        (Video, "move_to_trash"),
        (Step, "try_again"),
        (Upload, "cancel"),
        (DeviceToken, "revoke"),
    ):
        row = model.objects.first()
        assert f'<option value="{action}">' not in shown(client, model)[1]
        act(client, model, action, row)
        assert model.objects.filter(pk=row.pk).exists()
    assert Video.objects.get().trashed_at is None
    assert film_of(client, video, title="Mine").status_code == 403
    assert client.get(page_of(video)).status_code == 200


def test_only_superusers_give_powers_or_touch_those_who_have_some(client, alice, admin):
    sam = staff(client, "view_user", "change_user", "delete_user")
    page = client.get(page_of(alice)).content.decode()
    assert 'name="email"' in page and 'name="is_superuser"' not in page
    form = {"username": "alice", "email": "a@example.org", "is_superuser": "on", "is_staff": "on"}
    assert client.post(page_of(alice), form).status_code == 302
    alice.refresh_from_db()
    assert (alice.email, alice.is_active) == ("a@example.org", True)
    assert (alice.is_staff, alice.is_superuser) == (False, False)
    for account in (admin, sam):
        assert client.post(page_of(account), form).status_code == 403
        assert client.post(page_of(account, "delete"), {"post": "yes"}).status_code == 403
        password = reverse("admin:auth_user_password_change", args=[account.pk])
        new = {"password1": "a long new password", "password2": "a long new password"}
        assert client.post(password, new).status_code == 403


def test_an_account_with_films_cannot_be_deleted(as_admin, video, alice):
    as_admin.post(page_of(alice, "delete"), {"post": "yes"})
    assert User.objects.filter(pk=alice.pk).exists() and Video.objects.count() == 1
