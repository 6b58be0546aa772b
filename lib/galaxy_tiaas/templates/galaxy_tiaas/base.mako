<%!
NAVIGATION = [
    ("/tiaas/", "About", "all"),
    ("/tiaas/trainings/", "My trainings", "user"),
    ("/tiaas/new/", "Request a training", "all"),
    ("/tiaas/calendar/", "Calendar", "all"),
    ("/tiaas/stats/", "Statistics", "all"),
    ("/tiaas/admin/", "All requests", "admin"),
]
%>\
<%def name="title()">Trainings</%def>\
<%def name="here()"></%def>\
<%def name="head()"></%def>\
<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${self.title()} – ${config.owner}</title>
    <link rel="icon" href="${url('/static/favicon.ico')}">
    <link rel="stylesheet" href="${stylesheet}">
    <link rel="stylesheet" href="${url(f'/tiaas/static/tiaas.css?v={version}')}">
    <script src="${url(f'/tiaas/static/pages.js?v={version}')}" type="module"></script>
    ${self.head()}
</head>
<body class="tiaas">
    <nav class="tiaas-nav" aria-label="Trainings">
        <ul class="tiaas-page">
            % for path, text, audience in NAVIGATION:
            % if audience == "all" or (actor and (actor.is_admin or (audience == "user" and actor.user))):
            <li><a href="${url(path)}" ${'aria-current="page"' if capture(self.here).strip() == path else "" | n}>${text}</a></li>
            % endif
            % endfor
        </ul>
    </nav>
    <main class="tiaas-page">
        ${next.body()}
    </main>
</body>
</html>
