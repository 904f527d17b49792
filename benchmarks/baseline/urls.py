import json
from typing import Any

from django.db import connection
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

INSERT = """
    INSERT INTO baseline_update (update_id, payload) VALUES (%s, %s)
    ON CONFLICT (update_id) DO NOTHING
"""


class Store(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        update: Any = request.data
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [update["update_id"], json.dumps(update)])
        return Response({})


urlpatterns = [path("telegram/webhook/", Store.as_view())]
