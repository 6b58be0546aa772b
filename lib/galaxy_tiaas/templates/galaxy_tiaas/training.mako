<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${training.title}</%def>
<h1>${training.title}</h1>
% if sent:
<div class="alert alert-success" role="status"><strong>Your request has arrived.</strong> An administrator will read it.
This page shows what they decide; until then you can change or withdraw the request.</div>
% elif saved:
<div class="alert alert-success" role="status">Saved.</div>
% endif
% if training.requested_change:
<div class="alert alert-info" role="status"><strong>A change waits for an administrator.</strong>
${parts.requested_change(training)}</div>
% endif
<div class="tiaas-columns">
    <div>
        % if training.state.value in ("new", "approved"):
        <h2 class="mt-0">The link for your class</h2>
        <p><code class="tiaas-link">${training.join_url}</code></p>
        % if training.state.value == "new":
        <p>It works as soon as the training is approved.</p>
        % elif training.phase.value == "upcoming" and config.join_before_start:
        <p>Trainees can join from now on. Their jobs use the training's resources from ${formats.moment(training.opens)}.</p>
        % endif
        % endif
        <div class="tiaas-actions">
            % if training.state.value == "approved":
            <a class="btn btn-primary" href="${url(f'/join-training/{training.identifier}/status')}">Open the dashboard</a>
            % endif
            <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}/edit')}">Change</a>
            % if actor.is_admin:
            <a class="btn btn-outline-primary" href="${url(f'/tiaas/admin/trainings/{training.identifier}')}">Review</a>
            % endif
        </div>
    </div>
    % if training.state.value in ("new", "approved"):
    <figure class="tiaas-qr mb-0">${qr_code | n}<figcaption class="sr-only">QR code of the link for your class</figcaption></figure>
    % endif
</div>
<h2>The training</h2>
${parts.facts(training)}
<h2>Instructors</h2>
${parts.people_list(people)}
<h2>Who has joined</h2>
${parts.members_table(members)}
<h2>History</h2>
${parts.history_table(history)}
% if training.state.value in ("new", "approved"):
<h2>Withdraw</h2>
<form method="post" action="${url(f'/tiaas/trainings/{training.identifier}/withdraw')}">
    ${parts.token_field(token)}
    <p>If the course does not take place. This cannot be undone; its resources become free for others.</p>
    <div class="tiaas-field"><label for="note">A word to the administrators</label>
    <input class="form-control" id="note" name="note"></div>
    <button class="btn btn-outline-danger" type="submit">Withdraw this training</button>
</form>
% endif
