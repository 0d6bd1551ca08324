"""Who gets what at which address; tests/test_permissions.py holds the site to it."""

from __future__ import annotations

from typing import NamedTuple

from tests import permission_table_api

# Staff are not superusers here: being staff is what the site asks for, and no permission of
# Django's. "trashed" is a public film in the trash, "nowhere" an id that nothing has.
FILMS = ("private", "members", "public", "trashed", "nowhere")
VIEWERS = ("owner", "member", "nobody", "staff")
TABLE = """
method route                 film     owner member nobody staff
------ --------------------- -------- ----- ------ ------ -----
GET    healthz               -        200   200    200    200
GET    readyz                -        200   200    200    200
GET    favicon               -        301   301    301    301
GET    words                 -        200   200    200    200

GET    library:home          -        200   200    login  200
GET    library:login         -        302   302    200    302
POST   library:logout        -        login login  login  login
GET    library:setup         link     200   200    200    200
GET    library:setup         nowhere  404   404    404    404
POST   library:setup         link     302   302    302    302
POST   library:setup         nowhere  404   404    404    404
GET    library:funds         -        404   404    login  200
GET    library:import        -        404   404    login  200
POST   library:import        -        404   404    login  302
GET    library:watch-import  theirs   200   404    login  200
GET    library:watch-import  nowhere  404   404    login  404
GET    library:account       -        200   200    login  200
POST   library:account       -        302   302    login  302
GET    library:upload        -        200   200    login  200
POST   library:upload        -        302   302    login  302

GET    library:watch         private  200   404    login  200
GET    library:watch         members  200   200    login  200
GET    library:watch         public   200   200    200    200
GET    library:watch         trashed  200   404    login  200
GET    library:watch         nowhere  404   404    login  404
GET    library:edit          private  200   404    login  200
GET    library:edit          members  200   404    login  200
GET    library:edit          public   200   404    login  200
GET    library:edit          trashed  200   404    login  200
GET    library:edit          nowhere  404   404    login  404
POST   library:edit          private  302   404    login  302
POST   library:edit          members  302   404    login  302
POST   library:edit          public   302   404    login  302
POST   library:edit          trashed  302   404    login  302
POST   library:edit          nowhere  404   404    login  404
POST   library:trash         private  302   404    login  302
POST   library:trash         members  302   404    login  302
POST   library:trash         public   302   404    login  302
POST   library:trash         trashed  302   404    login  302
POST   library:trash         nowhere  404   404    login  404
POST   library:restore       private  302   404    login  302
POST   library:restore       members  302   404    login  302
POST   library:restore       public   302   404    login  302
POST   library:restore       trashed  302   404    login  302
POST   library:restore       nowhere  404   404    login  404
POST   library:encrypt       private  302   404    login  302
POST   library:encrypt       members  302   404    login  302
POST   library:encrypt       public   302   404    login  302
POST   library:encrypt       trashed  302   404    login  302
POST   library:encrypt       nowhere  404   404    login  404
GET    library:erase         private  302   404    login  302
GET    library:erase         members  302   404    login  302
GET    library:erase         public   302   404    login  302
GET    library:erase         trashed  200   404    login  200
GET    library:erase         nowhere  404   404    login  404
POST   library:erase         private  302   404    login  302
POST   library:erase         members  302   404    login  302
POST   library:erase         public   302   404    login  302
POST   library:erase         trashed  302   404    login  302
POST   library:erase         nowhere  404   404    login  404
POST   library:forget        private  302   404    login  302
POST   library:forget        members  302   302    login  302
POST   library:forget        public   302   302    login  302
POST   library:forget        trashed  404   404    login  404
POST   library:forget        nowhere  404   404    login  404
GET    library:certificate   private  404   404    404    404
GET    library:certificate   members  404   404    404    404
GET    library:certificate   public   404   404    404    404
GET    library:certificate   trashed  404   404    404    404
GET    library:certificate   nowhere  404   404    404    404
GET    library:poster        private  200   404    404    200
GET    library:poster        members  200   200    404    200
GET    library:poster        public   200   200    200    200
GET    library:poster        trashed  200   404    404    200
GET    library:poster        nowhere  404   404    404    404
GET    library:caption       private  200   404    404    200
GET    library:caption       members  200   200    404    200
GET    library:caption       public   200   200    200    200
GET    library:caption       trashed  200   404    404    200
GET    library:caption       nowhere  404   404    404    404
GET    library:storyboard    private  200   404    404    200
GET    library:storyboard    members  200   200    404    200
GET    library:storyboard    public   200   200    200    200
GET    library:storyboard    trashed  200   404    404    200
GET    library:storyboard    nowhere  404   404    404    404
GET    library:storyboard-map private  200   404    404    200
GET    library:storyboard-map members  200   200    404    200
GET    library:storyboard-map public   200   200    200    200
GET    library:storyboard-map trashed  200   404    404    200
GET    library:storyboard-map nowhere  404   404    404    404

GET    library:playlists     -        200   200    login  200
POST   library:playlists     -        302   302    login  302
GET    library:playlist      theirs   200   404    login  200
GET    library:playlist      nowhere  404   404    login  404
GET    library:playlist-edit theirs   200   404    login  200
GET    library:playlist-edit nowhere  404   404    login  404
POST   library:playlist-edit theirs   302   404    login  302
POST   library:playlist-edit nowhere  404   404    login  404
POST   library:playlist-delete theirs   302   404    login  302
POST   library:playlist-delete nowhere  404   404    login  404
POST   library:playlist-restore theirs   302   404    login  302
POST   library:playlist-restore nowhere  404   404    login  404
POST   library:playlist-items theirs   302   404    login  302
POST   library:playlist-items nowhere  404   404    login  404
POST   library:playlist-put-back private  302   404    login  302
POST   library:playlist-put-back members  302   404    login  302
POST   library:playlist-put-back public   302   404    login  302
POST   library:playlist-put-back trashed  302   404    login  302
POST   library:playlist-put-back nowhere  302   404    login  302
POST   library:playlist-take-out private  302   404    login  302
POST   library:playlist-take-out members  302   404    login  302
POST   library:playlist-take-out public   302   404    login  302
POST   library:playlist-take-out trashed  302   404    login  302
POST   library:playlist-take-out nowhere  302   404    login  302
GET    library:add-to-playlist private  200   404    login  200
GET    library:add-to-playlist members  200   200    login  200
GET    library:add-to-playlist public   200   200    login  200
GET    library:add-to-playlist trashed  404   404    login  404
GET    library:add-to-playlist nowhere  404   404    login  404
POST   library:add-to-playlist private  302   404    login  302
POST   library:add-to-playlist members  302   302    login  302
POST   library:add-to-playlist public   302   302    login  302
POST   library:add-to-playlist trashed  404   404    login  404
POST   library:add-to-playlist nowhere  404   404    login  404
GET    library:collections   -        200   200    login  200
POST   library:collections   -        302   302    login  302
GET    library:collection    theirs   200   404    login  200
GET    library:collection    nowhere  404   404    login  404
GET    library:collection-edit theirs   200   404    login  200
GET    library:collection-edit nowhere  404   404    login  404
POST   library:collection-edit theirs   302   404    login  302
POST   library:collection-edit nowhere  404   404    login  404
POST   library:collection-delete theirs   302   404    login  302
POST   library:collection-delete nowhere  404   404    login  404
GET    library:tags          -        200   200    login  200
POST   library:tags          -        404   404    login  404
GET    library:bulk          -        302   302    login  302
POST   library:bulk          -        302   302    login  302
GET    library:jobs          -        200   200    login  200
GET    library:job           theirs   200   404    login  200
GET    library:job           nowhere  404   404    login  404
POST   library:job-cancel    theirs   302   404    login  302
POST   library:job-cancel    nowhere  404   404    login  404
POST   library:job-undo      theirs   302   404    login  302
POST   library:job-undo      nowhere  404   404    login  404
GET    library:job-json      theirs   200   404    login  200
GET    library:job-json      nowhere  404   404    login  404
GET    library:job-csv       theirs   200   404    login  200
GET    library:job-csv       nowhere  404   404    login  404

GET    streaming:metrics     -        404   404    404    200
GET    streaming:stream      private  200   404    404    200
GET    streaming:stream      members  200   200    404    200
GET    streaming:stream      public   200   200    200    200
GET    streaming:stream      trashed  404   404    404    404
GET    streaming:stream      nowhere  404   404    404    404
HEAD   streaming:stream      private  200   404    404    200
GET    streaming:hls         private  200   404    404    200
GET    streaming:hls         members  200   200    404    200
GET    streaming:hls         public   200   200    200    200
GET    streaming:hls         trashed  404   404    404    404
GET    streaming:hls         nowhere  404   404    404    404
GET    streaming:hls-media   private  200   404    404    200
GET    streaming:hls-media   members  200   200    404    200
GET    streaming:hls-media   public   200   200    200    200
GET    streaming:hls-media   trashed  404   404    404    404
GET    streaming:hls-media   nowhere  404   404    404    404
GET    streaming:piece       private  200   404    404    200
GET    streaming:piece       members  200   200    404    200
GET    streaming:piece       public   200   200    200    200
GET    streaming:piece       trashed  404   404    404    404
GET    streaming:piece       nowhere  404   404    404    404
HEAD   streaming:piece       private  200   404    404    200
GET    streaming:media       private  200   200    200    200
GET    streaming:media       members  200   200    200    200
GET    streaming:media       public   200   200    200    200
GET    streaming:media       trashed  403   403    403    403
GET    streaming:media       nowhere  403   403    403    403
HEAD   streaming:media       private  200   200    200    200
GET    streaming:pull        private  200   200    200    200
GET    streaming:pull        members  200   200    200    200
GET    streaming:pull        public   200   200    200    200
GET    streaming:pull        trashed  404   404    404    404
GET    streaming:pull        nowhere  404   404    404    404
HEAD   streaming:pull        private  200   200    200    200
"""


class Row(NamedTuple):
    method: str
    route: str
    film: str
    expected: dict[str, str]


ROWS = [
    Row(*words[:3], dict(zip(VIEWERS, words[3:], strict=True)))
    for table in (TABLE, permission_table_api.TABLE)
    for words in map(str.split, table.strip().splitlines()[2:])
    if words
]
