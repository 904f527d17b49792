from django.urls import include, path, re_path
from social_django import views as social

from oauth import views

linking = (
    [
        path("link/<str:secret>/", views.link, name="link"),
        path("password/", views.password, name="password"),
        path("code/", views.code, name="code"),
    ],
    "oauth",
)
# Of social-auth's own addresses only the two that a sign-in needs.
sign_in = (
    [
        path("login/<str:backend>/", social.auth, name="begin"),
        path("complete/<str:backend>/", social.complete, name="complete"),
    ],
    "social",
)
urlpatterns = [
    path("", views.home, name="home"),
    re_path(r"^(?P<name>google[0-9a-f]+\.html)$", views.site_verification),
    path(
        "oauth/password/<str:uidb64>/<str:token>/", views.SetPassword.as_view(), name="set_password"
    ),
    path("oauth/", include(linking)),
    path("oauth/", include(sign_in)),
]
