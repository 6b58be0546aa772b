<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="ending" file="end_early.mako"/>
<%def name="title()">${training.title}</%def>
<%
alive = training.state.value in ("new", "approved")
decision = next((event for event in reversed(history) if event.to_state and event.to_state.value != "new"), None)
%>
<h1>${training.title}</h1>
${parts.subtitle(training)}
% if sent:
<%include file="next_steps.mako" args="training=training"/>
% elif saved:
<div class="alert alert-success" role="status">Saved.</div>
% endif
% if decision and decision.note:
<div class="alert ${'alert-warning' if training.state.value == 'rejected' else 'alert-secondary'}">
    <strong>${formats.training_state(decision.to_state).capitalize()}${f" by {decision.username}" if decision.username else ""}:</strong>
    <span class="tiaas-prose">${decision.note}</span>
</div>
% endif
% if training.requested_change:
<div class="alert alert-info" role="status"><strong>A change waits for an administrator:</strong>
${parts.requested_change(training)}</div>
% endif
<div class="tiaas-columns">
    <div>
        % if alive:
        <h2 class="mt-0">The link for your class</h2>
        <p><code class="tiaas-link">${training.join_url}</code></p>
        % if training.state.value == "new":
        <p>It works as soon as the training is approved.</p>
        % elif training.phase.value == "finished":
        <p>The training is over: nobody can join any more.</p>
        % elif training.phase.value == "upcoming" and config.join_before_start:
        <p>Trainees can join from now on. Their jobs use the training's resources from ${formats.moment(training.opens)}.</p>
        % elif training.phase.value == "upcoming":
        <p>Trainees can join from ${formats.moment(training.opens)}.</p>
        % endif
        % endif
        <div class="tiaas-actions">
            % if training.state.value == "approved":
            <a class="btn btn-primary" href="${url(f'/join-training/{training.identifier}/status')}">Open the dashboard</a>
            % endif
            <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}/edit')}">Change</a>
            <a class="btn btn-outline-primary" href="${url(f'/tiaas/new/?clone={training.identifier}')}">Request again</a>
            % if actor.is_admin:
            <a class="btn btn-outline-primary" href="${url(f'/tiaas/admin/trainings/{training.identifier}')}">Review</a>
            % endif
        </div>
    </div>
    % if alive:
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
${ending.end_early(training, token, url(f"/tiaas/trainings/{training.identifier}/end"))}
% if alive:
<h2>Extend</h2>
<%include file="extend.mako" args="training=training, token=token"/>
<h2>Withdraw</h2>
<details>
    <summary>The course does not take place</summary>
    <form method="post" class="tiaas-medium" action="${url(f'/tiaas/trainings/{training.identifier}/withdraw')}">
        ${parts.token_field(token)}
        <p>Withdrawing frees the training's resources for others. It cannot be undone.</p>
        <div class="tiaas-field"><label for="note">A word to the administrators</label>
        <span class="tiaas-help">(optional)</span>
        <input class="form-control" id="note" name="note"></div>
        <button class="btn btn-outline-danger" type="submit">Withdraw this training</button>
    </form>
</details>
% endif
