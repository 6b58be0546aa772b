<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%!
VERBS = {"approved": "Approve", "rejected": "Reject", "cancelled": "Cancel the training"}
%>
<%def name="title()">Review ${training.title}</%def>
<h1>${training.title}</h1>
% if saved:
<div class="alert alert-success" role="status">Done: the training is ${training.state.value}.</div>
% endif
% if training.requested_change:
<form class="alert alert-warning" method="post" action="${url(f'/tiaas/admin/trainings/{training.identifier}/change')}">
    ${parts.token_field(token)}
    <strong>The instructor asks for a change.</strong>
    ${parts.requested_change(training)}
    <div class="tiaas-field"><label for="change-note">Note to the instructor</label>
    <input class="form-control" id="change-note" name="note"></div>
    <button class="btn btn-primary" name="decision" value="accept">Accept</button>
    <button class="btn btn-outline-danger" name="decision" value="decline">Decline</button>
</form>
% endif
${parts.facts(training)}
% if possible:
<h2>Decide</h2>
<form method="post" action="${url(f'/tiaas/admin/trainings/{training.identifier}')}">
    ${parts.token_field(token)}
    <div class="tiaas-field"><label for="note">Note to the instructor</label>
    <textarea class="form-control" id="note" name="note" rows="2"></textarea></div>
    % if any(state.value == "approved" for state in possible):
    <div class="tiaas-field"><label for="destination">Destination</label>
        <div class="tiaas-help" id="destination-help">Where the members' jobs go while the training runs.</div>
        <select class="form-control" style="max-width: 24rem" id="destination" name="destination" aria-describedby="destination-help">
            <option value="">the usual training destination</option>
            % for choice in destinations:
            <option value="${choice.id}">${f"{choice.title} ({choice.id})" if choice.title else choice.id}</option>
            % endfor
        </select></div>
    % endif
    <div class="tiaas-actions">
        % for state in sorted(possible, key=lambda s: list(VERBS).index(s.value)):
        <button class="btn ${'btn-primary' if state.value == 'approved' else 'btn-outline-danger'}" type="submit" name="state" value="${state.value}">${VERBS[state.value]}</button>
        % endfor
    </div>
</form>
% endif
<div class="tiaas-actions">
    <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}/edit')}">Change</a>
    <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}')}">As the instructor sees it</a>
    <a class="btn btn-outline-primary" href="${url(f'/join-training/{training.identifier}/status')}">Dashboard</a>
    <a class="btn btn-outline-primary" href="${url('/tiaas/admin/')}">Back to the requests</a>
</div>
<h2>Other trainings on these days</h2>
<div class="tiaas-scroll">
<table class="table table-sm" style="max-width: 40rem">
    <thead><tr><th scope="col">Day</th><th scope="col" class="number">Promised to others</th><th scope="col" class="number">With this one</th></tr></thead>
    <tbody>
    % for entry in load:
    <tr><td>${formats.day(entry.day)}</td><td class="number">${entry.seats}</td><td class="number">${entry.seats + training.attendance}</td></tr>
    % endfor
    </tbody>
</table>
</div>
<h2>Instructors</h2>
${parts.people_list(people)}
<h2>Cohort</h2>
<p>Galaxy group and role <code>training-${training.identifier}</code>.</p>
${parts.members_table(members)}
<h2>History</h2>
${parts.history_table(history)}
