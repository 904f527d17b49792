from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('telegrambot', '0038_topics'),
    ]

    operations = [
        migrations.AddField(
            model_name='telegramfile',
            name='name',
            field=models.CharField(blank=True, max_length=255),
        ),
    ]
