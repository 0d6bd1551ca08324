"""What each problem means, and what to do about it: the words of its help page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# By code: what happened, and what to do.
EXPLAINED = {
    "address-ended": (
        _("What a signed address rests on is over: a sign-in, a token, or who may see the film."),
        _("Ask for the film again: its `media_url` is a new one, if you may still watch it."),
    ),
    "address-expired": (
        _("A signed address is good for some hours. These are over."),
        _("Ask for the film again: its `media_url` is a new one."),
    ),
    "bad-kit": (
        _("The file is no recovery kit of this library, or it is damaged."),
        _("Look for the kit that was made last, and give it as it was saved."),
    ),
    "bad-upload-metadata": (
        _("The header Upload-Metadata is not written as tus says."),
        _("Send pairs of a name and a value in Base64, with commas between them."),
    ),
    "broken": (
        _("Something went wrong on our side. What it was is in the server's log."),
        _("Try again. If it stays, give the trace_id to whoever runs the library."),
    ),
    "budget-used": (
        _("The address was good for so many bytes, and they have been sent."),
        _("Ask whoever gave it to you for another one."),
    ),
    "bytes-unavailable": (
        _("A part of the film cannot be read at the moment: no copy of it answers."),
        _("Try again in a while. What was received is kept."),
    ),
    "checksum-mismatch": (
        _("The bytes received do not have the checksum that was announced."),
        _("They were dropped. Send them once more, from the same offset."),
    ),
    "history-gone": (
        _("What happened since the number you gave is not known any more."),
        _("Fetch everything anew. Then go on from the number in `current`."),
    ),
    "idempotency-in-progress": (
        _("A request with this Idempotency-Key is being answered at this moment."),
        _("Send the same request again after Retry-After: you get the first one's answer."),
    ),
    "idempotency-mismatch": (
        _("This Idempotency-Key came with another request before."),
        _("Take a new key for each new request, and the same one only for the very same."),
    ),
    "invalid": (
        _("Something in the request is wrong."),
        _("`errors` names each field by its pointer, and says what it should be."),
    ),
    "key-unavailable": (
        _("The library's key is missing, wrong or damaged, so nothing encrypted can be opened."),
        _("Only whoever runs the library can mend that. What was received is kept."),
    ),
    "method-not-allowed": (
        _("There is something at this address, but not for this method."),
        _("The header Allow names the methods there are."),
    ),
    "missing-scope": (
        _("The token may not be used for that: its scopes do not say so."),
        _("`needed` has all that it lacks. Make a token with these scopes on your account page."),
    ),
    "not-sure": (
        _("The database does not answer, so nobody knows which rights are left."),
        _("Try again after Retry-After. If it stays, tell whoever runs the library."),
    ),
    "no-space": (
        _("The disk has no room for these bytes."),
        _("Make room, or bring a smaller film. `needed` and `available` are bytes."),
    ),
    "not-a-film": (
        _("What arrived can be read, and is no film."),
        _("Look whether it is the right file, and whether it plays where it comes from."),
    ),
    "not-acceptable": (
        _("The answer cannot be given in the form that Accept asks for."),
        _("Ask for application/json."),
    ),
    "not-allowed": (
        _("You may see this, but not do that."),
        _("Ask its owner, or whoever runs the library."),
    ),
    "not-found": (
        _("There is nothing at this address, or nothing that you may see."),
        _("Look at the address, and whether you are signed in as who you think."),
    ),
    "precondition-failed": (
        _("These are not the bytes that the request was meant for."),
        _("Begin anew, with the ETag of this answer."),
    ),
    "range-not-satisfiable": (
        _("None of the bytes that Range asks for is there."),
        _("Content-Range says how many there are."),
    ),
    "refused": (
        _("This cannot be done."),
        _("`detail` says why."),
    ),
    "sign-in-again": (
        _("The token is not valid any more, or never was."),
        _("Sign in again: POST /api/v1/auth/tokens/ gives a new one."),
    ),
    "sign-in-first": (
        _("This is only for those who have signed in."),
        _("Get a token from /api/v1/auth/tokens/, and send it as Authorization: Bearer …"),
    ),
    "too-large": (
        _("It is larger than this library takes."),
        _("GET /api/v1/me/ tells the limits."),
    ),
    "too-many-connections": (
        _("You are sending more uploads at once than this library takes of one account."),
        _("Wait until one is through. Retry-After says when to look again."),
    ),
    "too-many-failures": (
        _("Too many wrong passwords were tried for this name."),
        _("Wait as long as Retry-After says, then try again."),
    ),
    "too-many-ranges": (
        _("Very small parts of films were asked for, more quickly than any player does."),
        _("Wait as long as Retry-After says. Ask for larger ranges: those do not count."),
    ),
    "too-many-requests": (
        _("More requests came than anybody needs."),
        _("Wait as long as Retry-After says. RateLimit-Remaining tells early how many are left."),
    ),
    "too-many-streams": (
        _("As many answers with films are open as may be: yours, or those of all viewers."),
        _("End one of them, or wait as long as Retry-After says. What is being sent goes on."),
    ),
    "unknown-parameter": (
        _("The address has a parameter that means nothing here."),
        _("`errors` names it; `detail` names those there are."),
    ),
    "unreadable": (
        _("The request cannot be read: it is not the JSON, or the headers, that it should be."),
        _("`detail` says where it breaks off."),
    ),
    "unsupported-tus-version": (
        _("The request speaks another version of tus, or says none."),
        _("Send Tus-Resumable: 1.0.0. The answer's Tus-Version names what is spoken here."),
    ),
    "upload-busy": (
        _("Another connection is sending this upload."),
        _("When it falls silent yours can go on: try again after Retry-After."),
    ),
    "upload-complete": (
        _("All bytes of this upload are here already."),
        _("There is nothing more to send. GET tells which film became of it."),
    ),
    "upload-gone": (
        _("The upload was cancelled, refused, or has waited too long."),
        _("Begin a new one."),
    ),
    "upload-offset-mismatch": (
        _("The next byte expected is another one."),
        _("Go on from `expected`; HEAD tells it too."),
    ),
    "version-conflict": (
        _("Somebody changed this since you read it."),
        _("Read it again, put your change on top, and send it with the new ETag."),
    ),
    "version-required": (
        _("Others may change this too, so a change says which version it was made of."),
        _("Send the ETag that you read as If-Match; `*` means whichever there is."),
    ),
    "wrong-credentials": (
        _("The user name or the password is wrong, or the token cannot be read."),
        _("Try again. After too many failures there is a pause."),
    ),
    "wrong-media-type": (
        _("The body is not of a type that this address takes."),
        _("Set Content-Type as the description of this address says."),
    ),
    "wrong-state": (
        _("It would be done, but not as things are now."),
        _("`detail` says what stands in the way."),
    ),
}
