<%inherit file="base.mako"/>
<%def name="title()">Join ${training.title}</%def>
<%def name="entry()">join</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-sign"><span class="fas fa-graduation-cap" aria-hidden="true"></span></div>
    <h1>Log in to join</h1>
    <p class="lead">${training.title}<br><small>${formats.days(training.start, training.end)}</small></p>
    <a class="btn btn-primary btn-lg" href="${login}" target="_top">Log in</a>
    % if register:
    <a class="btn btn-outline-primary btn-lg" href="${register}" target="_top">Create account</a>
    % endif
    <p class="tiaas-more">Afterwards you come back here and have joined. Your jobs then run on the training's resources
    while it takes place. You can leave at any time.</p>
</div>
