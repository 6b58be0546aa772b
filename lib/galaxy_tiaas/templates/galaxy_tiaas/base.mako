<%!
NAVIGATION = [
    ("/tiaas/", "About", "all"),
    ("/tiaas/trainings/", "My trainings", "all"),
    ("/tiaas/new/", "Request a training", "all"),
    ("/tiaas/calendar/", "Calendar", "all"),
    ("/tiaas/stats/", "Statistics", "all"),
    ("/tiaas/admin/", "All requests", "admin"),
]
%>\
<%def name="title()">Trainings</%def>\
<%def name="here()"></%def>\
<%def name="head()"></%def>\
<%def name="entry()"></%def>\
<%def name="look()"></%def>\
<!DOCTYPE html>
<html lang="en" class="${'tiaas-framed' if framed else ''} ${self.look()}">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${self.title()} – ${config.owner}</title>
    <link rel="icon" href="${url('/static/favicon.ico')}">
    <link rel="stylesheet" href="${stylesheet}">
    ${assets.tags("base")}
    % for entry in capture(self.entry).split():
    ${assets.tags(entry)}
    % endfor
    ${self.head()}
</head>
<body class="tiaas">
    <nav class="tiaas-nav" aria-label="Trainings">
        <ul class="tiaas-page">
            <li class="tiaas-home"><a href="${url('/')}" target="_top"><span aria-hidden="true">←</span> Galaxy</a></li>
            <% here = capture(self.here).strip() %>\
            % for path, text, audience in NAVIGATION:
            % if audience == "all" or (actor and actor.is_admin):
            <li><a href="${url(path)}" ${'aria-current="page"' if here == path else "" | n}>${text}</a></li>
            % endif
            % endfor
        </ul>
    </nav>
    <main class="tiaas-page">
        ${next.body()}
    </main>
</body>
</html>
