"""Who gets what at which address; tests/test_permissions.py holds the site to it."""

from __future__ import annotations

from typing import NamedTuple

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

GET    library:home          -        200   200    login  200
GET    library:login         -        302   302    200    302
POST   library:logout        -        login login  login  login
GET    library:setup         link     200   200    200    200
GET    library:setup         nowhere  404   404    404    404
POST   library:setup         link     302   302    302    302
POST   library:setup         nowhere  404   404    404    404
GET    library:funds         -        404   404    login  200
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

GET    streaming:stream      private  200   404    404    200
GET    streaming:stream      members  200   200    404    200
GET    streaming:stream      public   200   200    200    200
GET    streaming:stream      trashed  404   404    404    404
GET    streaming:stream      nowhere  404   404    404    404
HEAD   streaming:stream      private  200   404    404    200
GET    streaming:piece       private  200   404    404    200
GET    streaming:piece       members  200   200    404    200
GET    streaming:piece       public   200   200    200    200
GET    streaming:piece       trashed  404   404    404    404
GET    streaming:piece       nowhere  404   404    404    404
HEAD   streaming:piece       private  200   404    404    200

GET    api:videos            -        200   200    200    200
GET    api:video             private  200   404    404    200
GET    api:video             members  200   200    404    200
GET    api:video             public   200   200    200    200
GET    api:video             trashed  404   404    404    404
GET    api:video             nowhere  404   404    404    404
PATCH  api:video             private  200   404    401    200
PATCH  api:video             members  200   403    401    200
PATCH  api:video             public   200   403    401    200
PATCH  api:video             trashed  404   404    401    404
PATCH  api:video             nowhere  404   404    401    404
DELETE api:video             private  204   404    401    204
DELETE api:video             members  204   403    401    204
DELETE api:video             public   204   403    401    204
DELETE api:video             trashed  404   404    401    404
DELETE api:video             nowhere  404   404    401    404
POST   api:video-restore     private  200   404    401    200
POST   api:video-restore     members  200   403    401    200
POST   api:video-restore     public   200   403    401    200
POST   api:video-restore     trashed  200   404    401    200
POST   api:video-restore     nowhere  404   404    401    404
POST   api:video-encrypt     private  202   404    401    202
POST   api:video-encrypt     members  202   403    401    202
POST   api:video-encrypt     public   409   403    401    409
POST   api:video-encrypt     trashed  404   404    401    404
POST   api:video-encrypt     nowhere  404   404    401    404
POST   api:video-erase       private  409   404    401    409
POST   api:video-erase       members  409   403    401    409
POST   api:video-erase       public   409   403    401    409
POST   api:video-erase       trashed  200   404    401    200
POST   api:video-erase       nowhere  404   404    401    404

GET    api:video-playback    private  200   404    404    200
GET    api:video-playback    members  200   200    404    200
GET    api:video-playback    public   200   200    200    200
GET    api:video-playback    trashed  404   404    404    404
GET    api:video-playback    nowhere  404   404    404    404
POST   api:video-progress    private  200   404    401    200
POST   api:video-progress    members  200   200    401    200
POST   api:video-progress    public   200   200    401    200
POST   api:video-progress    trashed  404   404    401    404
POST   api:video-progress    nowhere  404   404    401    404
DELETE api:video-progress    private  204   404    401    204
DELETE api:video-progress    members  204   204    401    204
DELETE api:video-progress    public   204   204    401    204
DELETE api:video-progress    trashed  404   404    401    404
DELETE api:video-progress    nowhere  404   404    401    404
DELETE api:continue-video    private  204   404    401    204
DELETE api:continue-video    members  204   204    401    204
DELETE api:continue-video    public   204   204    401    204
DELETE api:continue-video    trashed  404   404    401    404
DELETE api:continue-video    nowhere  404   404    401    404
GET    api:video-captions    private  200   404    404    200
GET    api:video-captions    members  200   200    404    200
GET    api:video-captions    public   200   200    200    200
GET    api:video-captions    trashed  404   404    404    404
GET    api:video-captions    nowhere  404   404    404    404
POST   api:video-captions    private  201   404    401    201
POST   api:video-captions    members  201   403    401    201
POST   api:video-captions    public   201   403    401    201
POST   api:video-captions    trashed  404   404    401    404
POST   api:video-captions    nowhere  404   404    401    404
GET    api:video-chapters    private  200   404    404    200
GET    api:video-chapters    members  200   200    404    200
GET    api:video-chapters    public   200   200    200    200
GET    api:video-chapters    trashed  404   404    404    404
GET    api:video-chapters    nowhere  404   404    404    404
PUT    api:video-chapters    private  200   404    401    200
PUT    api:video-chapters    members  200   403    401    200
PUT    api:video-chapters    public   200   403    401    200
PUT    api:video-chapters    trashed  404   404    401    404
PUT    api:video-chapters    nowhere  404   404    401    404
PUT    api:video-poster      private  202   404    401    202
PUT    api:video-poster      members  202   403    401    202
PUT    api:video-poster      public   202   403    401    202
PUT    api:video-poster      trashed  404   404    401    404
PUT    api:video-poster      nowhere  404   404    401    404
GET    api:caption           private  200   404    404    200
GET    api:caption           members  200   200    404    200
GET    api:caption           public   200   200    200    200
GET    api:caption           trashed  404   404    404    404
GET    api:caption           nowhere  404   404    404    404
PATCH  api:caption           private  200   404    401    200
PATCH  api:caption           members  200   403    401    200
PATCH  api:caption           public   200   403    401    200
PATCH  api:caption           trashed  404   404    401    404
PATCH  api:caption           nowhere  404   404    401    404
DELETE api:caption           private  204   404    401    204
DELETE api:caption           members  204   403    401    204
DELETE api:caption           public   204   403    401    204
DELETE api:caption           trashed  404   404    401    404
DELETE api:caption           nowhere  404   404    401    404
POST   api:progress          -        200   200    401    200
DELETE api:progress          -        204   204    401    204
GET    api:continue          -        200   200    401    200

GET    api:uploads           -        200   200    401    200
POST   api:uploads           -        201   201    401    201
GET    api:upload            theirs   200   404    401    200
GET    api:upload            nowhere  404   404    401    404
HEAD   api:upload            theirs   200   404    401    404
HEAD   api:upload            nowhere  404   404    401    404
PATCH  api:upload            theirs   204   404    401    404
PATCH  api:upload            nowhere  404   404    401    404
DELETE api:upload            theirs   204   404    401    404
DELETE api:upload            nowhere  404   404    401    404
POST   api:uploads-order     -        200   200    401    200
POST   api:uploads-check     -        200   200    401    200
PATCH  api:upload-about      theirs   200   404    401    404
PATCH  api:upload-about      nowhere  404   404    401    404
POST   api:upload-pause      theirs   200   404    401    404
POST   api:upload-pause      nowhere  404   404    401    404
POST   api:upload-resume     theirs   200   404    401    404
POST   api:upload-resume     nowhere  404   404    401    404
GET    api:upload-log        theirs   200   404    401    200
GET    api:upload-log        nowhere  404   404    401    404

GET    api:tokens            -        200   200    401    200
POST   api:tokens            -        201   201    201    201
DELETE api:token             theirs   204   404    401    404
DELETE api:token             nowhere  404   404    401    404
GET    api:me                -        200   200    401    200
PATCH  api:me                -        200   200    401    200
GET    api:events            -        200   200    401    200
GET    api:changes           -        200   200    401    200
GET    api:funds             -        403   403    401    409
POST   api:quotes            -        409   409    401    409
GET    api:video-certificate private  404   404    401    404
GET    api:video-certificate members  404   404    401    404
GET    api:video-certificate public   404   404    401    404
GET    api:video-certificate trashed  404   404    401    404
GET    api:video-certificate nowhere  404   404    401    404
GET    api:schema            -        200   200    200    200
GET    api:docs              -        200   200    200    200
GET    api:problems          -        200   200    200    200
GET    api:nowhere           -        404   404    404    404
GET    api-nowhere           -        404   404    404    404
"""


class Row(NamedTuple):
    method: str
    route: str
    film: str
    expected: dict[str, str]


ROWS = [
    Row(*words[:3], dict(zip(VIEWERS, words[3:], strict=True)))
    for words in map(str.split, TABLE.strip().splitlines()[2:])
    if words
]
