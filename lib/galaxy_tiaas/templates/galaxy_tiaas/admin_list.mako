<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%!
COLUMNS = [("title", "Training"), ("start", "Days"), ("state", "State"), ("attendance", "People"), ("created", "Asked")]
%>
<%def name="title()">All requests</%def>
<%def name="here()">/tiaas/admin/</%def>
<%def name="entry()">review</%def>
<%
chosen = query.states[0].value if query.states else ""
today = now.date()
decisions = {"approved": ["rejected"], "rejected": ["approved"], "cancelled": []}
possible = decisions.get(chosen, ["approved", "rejected"])
%>
<h1>Requests and trainings</h1>
% if done and not problems:
<div class="alert alert-success" role="status">Done for ${done} ${"training" if done == 1 else "trainings"}.</div>
% elif done == 0 and not problems:
<div class="alert alert-warning" role="alert">Nothing was chosen. Tick the trainings that you decide about.</div>
% elif problems:
<div class="alert alert-danger" role="alert" tabindex="-1" autofocus><strong>Not possible for:</strong>
    <ul>
    % for identifier, message in problems.items():
    <li>${identifier}: ${message}</li>
    % endfor
    </ul>
    % if done:
    Done for the other ${done}.
    % endif
</div>
% endif
<ul class="nav nav-pills tiaas-pills" aria-label="State">
    % for state, count in counts.items():
    <li class="nav-item"><a class="nav-link ${'active' if chosen == state.value else ''}" href="${address(state=state.value, page=1)}" ${'aria-current="true"' if chosen == state.value else "" | n}>${formats.training_state(state)} (${count})</a></li>
    % endfor
    <li class="nav-item"><a class="nav-link ${'' if chosen else 'active'}" href="${address(state='', page=1)}" ${"" if chosen else 'aria-current="true"' | n}>all (${sum(counts.values())})</a></li>
</ul>
<form method="get" action="${url('/tiaas/admin/')}" class="tiaas-filter">
    <input type="hidden" name="state" value="${chosen}">
    <div><label for="search">Search</label>
    <input class="form-control" id="search" name="search" type="search" value="${query.search}"></div>
    <div><label for="phase">Phase</label>
    <select class="form-control" id="phase" name="phase">
        % for phase in ("", "upcoming", "ongoing", "finished"):
        <option value="${phase}" ${"selected" if query.phase and query.phase.value == phase else ""}>${phase or "any"}</option>
        % endfor
    </select></div>
    <button class="btn btn-outline-primary" type="submit">Show</button>
</form>
% if trainings:
<form method="post" action="${address()}">
    ${parts.token_field(token)}
    <table class="table tiaas-stack tiaas-list">
        <thead><tr>
            % if possible:
            <th scope="col" class="tiaas-check"><span class="sr-only">Choose</span><input type="checkbox" data-choose-all="identifier" aria-label="Choose all on this page" hidden></th>
            % endif
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
            % if possible:
            <td class="tiaas-check"><input type="checkbox" name="identifier" value="${training.identifier}" aria-label="Choose ${training.title}" ${"checked" if training.identifier in problems else ""}></td>
            % endif
            <td class="tiaas-wide"><a href="${url(f'/tiaas/admin/trainings/{training.identifier}')}">${training.title}</a><br>
                <small>${training.identifier} · ${training.name or "no contact"}</small></td>
            <td>${formats.days(training.start, training.end)} <br><small>${formats.until(training.start, today)}</small></td>
            <td>${parts.state(training)}
                % if training.requested_change:
                <br><small><strong>change requested</strong></small>
                % endif
            </td>
            <% others = max((entry.seats for entry in load[training.identifier]), default=0) %>
            <td class="number" data-label="People">${f"{training.attendance:,}"} <br><small>${f"{training.members:,}"} joined${f", beside {others:,} of others" if others else ""}</small></td>
            <td data-label="Asked">${formats.moment(training.created, "day")}</td>
        </tr>
        % endfor
        </tbody>
    </table>
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
    % if possible:
    <div class="tiaas-decide">
        <div class="tiaas-field"><label for="note">Note to the instructors of the chosen trainings</label>
        <span class="tiaas-help">(optional)</span>
        <input class="form-control" id="note" name="note" value="${note}"></div>
        <div class="tiaas-actions">
            % if "approved" in possible:
            <button class="btn btn-primary" type="submit" name="state" value="approved">Approve chosen</button>
            % endif
            % if "rejected" in possible:
            <button class="btn btn-outline-danger" type="submit" name="state" value="rejected">Reject chosen</button>
            % endif
        </div>
    </div>
    % endif
</form>
% elif chosen == "new" and not query.search and not query.phase:
<p>No request is waiting.</p>
% else:
<p>No training fits.</p>
% endif
