<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%!
COLUMNS = [("title", "Training"), ("start", "Days"), ("state", "State"), ("attendance", "Expected"), ("created", "Asked")]
%>
<%def name="title()">All requests</%def>
<%def name="here()">/tiaas/admin/</%def>
<%
chosen = query.states[0].value if query.states else ""
today = now.date()
%>
<h1>Requests and trainings</h1>
% if done is not None:
<div class="alert alert-success" role="status">Done for ${done} ${"training" if done == 1 else "trainings"}.</div>
% endif
% if problems:
<div class="alert alert-danger" role="alert"><strong>Not possible for:</strong>
    <ul class="mb-0">
    % for identifier, message in problems.items():
    <li>${identifier}: ${message}</li>
    % endfor
    </ul>
</div>
% endif
<ul class="nav nav-tabs mb-3">
    <li class="nav-item"><a class="nav-link ${'' if chosen else 'active'}" href="${address(state='', page=1)}">all (${sum(counts.values())})</a></li>
    % for state, count in counts.items():
    <li class="nav-item"><a class="nav-link ${'active' if chosen == state.value else ''}" href="${address(state=state.value, page=1)}">${"waiting" if state.value == "new" else state.value} (${count})</a></li>
    % endfor
</ul>
<form method="get" action="${url('/tiaas/admin/')}" class="tiaas-actions">
    <input type="hidden" name="state" value="${chosen}">
    <label for="search" class="mb-0">Search</label>
    <input class="form-control" style="max-width: 16rem" id="search" name="search" type="search" value="${query.search}">
    <label for="phase" class="mb-0">Phase</label>
    <select class="form-control" style="max-width: 10rem" id="phase" name="phase">
        % for phase in ("", "upcoming", "ongoing", "finished"):
        <option value="${phase}" ${"selected" if query.phase and query.phase.value == phase else ""}>${phase or "any"}</option>
        % endfor
    </select>
    <button class="btn btn-outline-primary" type="submit">Show</button>
</form>
% if trainings:
<form method="post" action="${url('/tiaas/admin/')}">
    ${parts.token_field(token)}
    <div class="tiaas-scroll">
    <table class="table">
        <thead><tr>
            <th scope="col"><span class="sr-only">Choose</span></th>
            % for column, label in COLUMNS:
            <%
                descending = query.sort_by == column and not query.sort_desc
                sorted_now = query.sort_by == column
            %>
            <th scope="col" class="${'number' if column == 'attendance' else ''}" aria-sort="${('descending' if query.sort_desc else 'ascending') if sorted_now else 'none'}"><a href="${address(sort_by=column, sort_desc='1' if descending else '', page=1)}">${label}${(" ↓" if query.sort_desc else " ↑") if sorted_now else ""}</a></th>
            % endfor
        </tr></thead>
        <tbody>
        % for training in trainings:
        <tr>
            <td><input type="checkbox" name="identifier" value="${training.identifier}" aria-label="Choose ${training.title}"></td>
            <td><a href="${url(f'/tiaas/admin/trainings/{training.identifier}')}">${training.title}</a><br>
                <small>${training.identifier} · ${training.name or "redacted"}</small></td>
            <td>${formats.days(training.start, training.end)}<br><small>${formats.until(training.start, today)}</small></td>
            <td>${parts.state(training)}
                % if training.requested_change:
                <br><small>change requested</small>
                % endif
            </td>
            <td class="number">${training.attendance}<br><small>${training.members} joined</small></td>
            <td>${formats.moment(training.created)}</td>
        </tr>
        % endfor
        </tbody>
    </table>
    </div>
    <div class="tiaas-actions">
        <label for="note" class="mb-0">Note to the instructors</label>
        <input class="form-control" style="max-width: 24rem" id="note" name="note">
        <button class="btn btn-primary" type="submit" name="state" value="approved">Approve chosen</button>
        <button class="btn btn-outline-danger" type="submit" name="state" value="rejected">Reject chosen</button>
    </div>
</form>
% if pages > 1:
<nav aria-label="Pages" class="tiaas-actions">
    % if number > 1:
    <a href="${address(page=number - 1)}">Previous</a>
    % endif
    <span>Page ${number} of ${pages}, ${total} trainings</span>
    % if number < pages:
    <a href="${address(page=number + 1)}">Next</a>
    % endif
</nav>
% endif
% elif chosen == "new" and not query.search and not query.phase:
<p>No request is waiting.</p>
% else:
<p>No training fits.</p>
% endif
