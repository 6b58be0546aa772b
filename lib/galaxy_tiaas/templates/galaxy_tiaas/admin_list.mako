<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="load" file="load.mako"/>
<%!
from galaxy_tiaas.core.times import today_in

COLUMNS = [("title", "Training"), ("start", "Days"), ("state", "State"), ("attendance", "People")]
%>
<%def name="title()">All requests</%def>
<%def name="here()">/tiaas/admin/</%def>
<%def name="entry()">review</%def>
<%def name="pill(text, count, active, link)">
<li class="nav-item"><a class="nav-link ${'active' if active else ''}" href="${link}" ${'aria-current="true"' if active else "" | n}>${text} <span class="tiaas-count">${f"{count:,}"}</span></a></li>
</%def>
<%def name="trainings_named(identifiers)">
% for identifier in identifiers:
<a href="${url(f'/tiaas/admin/trainings/{identifier}')}">${identifier}</a>${"" if loop.last else ", "}\
% endfor
</%def>
<%def name="decided_about()">Done for ${len(done)} ${"training" if len(done) == 1 else "trainings"}.
${decided.capitalize()}: ${trainings_named(done)}</%def>
<%
chosen = query.states[0].value if query.states else ""
filtered = bool(query.search or query.phase or query.needs_decision or chosen)
# Together, only new requests are decided about. Whoever rejects what runs does so on its page, which says what follows.
choosable = any(training.state.value == "new" for training in trainings)
notice = max(config.late_request_prevention_days, 7)
groups = query.decisions_first and not query.needs_decision and chosen != "new"
def deciding(training):
    return training.state.value == "new" or training.requested_change is not None
%>
<h1>Requests and trainings</h1>
<ul class="tiaas-links mb-3">
    <li><span class="fas fa-route" aria-hidden="true"></span> <a href="${url('/tiaas/admin/routing')}">Job routing</a></li>
    <li><span class="fas fa-history" aria-hidden="true"></span> <a href="${url('/tiaas/admin/history')}">History</a></li>
    <li><span class="fas fa-envelope" aria-hidden="true"></span> <a href="${url('/tiaas/admin/mail')}">Mail queue</a></li>
</ul>
% if problems:
<div class="alert alert-danger" role="alert" tabindex="-1" autofocus><strong>Not possible for:</strong>
    <ul>
    % for identifier, message in problems.items():
    <li><a href="${url(f'/tiaas/admin/trainings/{identifier}')}">${identifier}</a>: ${message}
    % if any(training.identifier == identifier and training.requested_change for training in trainings):
    What its instructor asks to change is decided on its own page.
    % endif
    </li>
    % endfor
    </ul>
    % if done:
    <p>${decided_about()}</p>
    % endif
</div>
% elif decided and done:
<div class="alert alert-success" role="status">${decided_about()}</div>
% elif decided:
<div class="alert alert-warning" role="alert">Nothing was chosen. Tick the trainings that you decide about.</div>
% endif
<nav aria-label="Which trainings">
<ul class="nav nav-pills tiaas-pills">
    ${pill("to decide", to_decide, query.needs_decision, address(needs_decision="1", state="", page=1))}
    % for state, count in counts.items():
    ${pill(formats.training_state(state), count, chosen == state.value, address(state=state.value, needs_decision="", page=1))}
    % endfor
    ${pill("all", sum(counts.values()), not chosen and not query.needs_decision, address(state="", needs_decision="", page=1))}
</ul>
</nav>
<form method="get" action="${url('/tiaas/admin/')}" class="tiaas-filter" role="search">
    % if chosen:
    <input type="hidden" name="state" value="${chosen}">
    % endif
    % if query.needs_decision:
    <input type="hidden" name="needs_decision" value="1">
    % endif
    <div class="tiaas-filter-search"><label for="search">Search</label>
    <input class="form-control" id="search" name="search" type="search" value="${query.search}" maxlength="255" placeholder="title, identifier, contact, country"></div>
    <div><label for="phase">Phase</label>
    <select class="form-control" id="phase" name="phase">
        % for phase in ("", "upcoming", "ongoing", "finished"):
        <option value="${phase}" ${"selected" if query.phase and query.phase.value == phase else ""}>${phase or "any"}</option>
        % endfor
    </select></div>
    <button class="btn btn-outline-primary" type="submit">Show</button>
    % if filtered:
    <a class="tiaas-filter-reset" href="${url('/tiaas/admin/')}">Clear filters</a>
    % endif
</form>
% if trainings:
## "off", because Firefox would tick the same places of the list after a reload, where other trainings may be by then.
<form method="post" action="${address()}" class="tiaas-review" autocomplete="off">
    ${parts.token_field(token)}
    % if strips:
    ${load.legend()}
    % endif
    <table class="table tiaas-stack tiaas-list tiaas-requests">
        <thead><tr>
            % if choosable:
            <th scope="col" class="tiaas-check"><span class="sr-only">Choose</span><input type="checkbox" data-choose-all="identifier" aria-label="Choose all on this page" hidden></th>
            % endif
            % for column, label in COLUMNS:
            <%
                sorted_now = query.sort_by == column and not query.decisions_first
                descending = sorted_now and not query.sort_desc
            %>
            <th scope="col" class="${'number' if column == 'attendance' else ''}" aria-sort="${('descending' if query.sort_desc else 'ascending') if sorted_now else 'none'}"><a href="${address(sort_by=column, sort_desc='1' if descending else '', page=1)}">${label}${(" ↓" if query.sort_desc else " ↑") if sorted_now else ""}</a></th>
            % endfor
            <th scope="col" class="tiaas-load-head">Seats on these days</th>
        </tr></thead>
        <tbody>
        % for training in trainings:
        <%
            today = today_in(training.timezone, now)
            urgent = formats.urgency(training.start, today, notice) if training.state.value == "new" else ""
        %>
        % if groups and (loop.first or deciding(trainings.items[loop.index - 1]) != deciding(training)):
        <tr class="tiaas-group"><th scope="rowgroup" colspan="${len(COLUMNS) + 1 + choosable}">${"Need a decision" if deciding(training) else "All others"}</th></tr>
        % endif
        <tr class="${'tiaas-deciding' if deciding(training) else ''}">
            % if choosable:
            <td class="tiaas-check">
                % if training.state.value == "new":
                ${parts.version_field(training.version, f"version-{training.identifier}")}<label><input type="checkbox" name="identifier" value="${training.identifier}" aria-label="Choose ${training.title}" ${"checked" if training.identifier in problems else ""}></label>
                % endif
            </td>
            % endif
            <td class="tiaas-wide"><a href="${url(f'/tiaas/admin/trainings/{training.identifier}')}">${training.title}</a><br>
                <small>${training.identifier} · ${training.name or "no contact"} · asked ${formats.moment(training.created, "day")}</small></td>
            <td class="tiaas-when">${formats.days(training.start, training.end)} <br>
                % if urgent:
                <strong class="tiaas-flag tiaas-flag-${urgent}">${urgent}</strong>
                % endif
                <small>${formats.distance(training.start, training.end, today, training.ended_at and today_in(training.timezone, training.ended_at))}</small></td>
            <td>${parts.state(training)}
                % if training.requested_change:
                <ul class="tiaas-wish">
                    % for name, wanted in training.requested_change.changes.items():
                    <li>${formats.change(name, getattr(training, name), wanted)}</li>
                    % endfor
                </ul>
                % endif
            </td>
            <td class="number" data-label="People">${f"{training.attendance:,}"}
                % if training.members or training.state.value == "approved":
                <br><small>${f"{training.members:,}"} joined</small>
                % endif
            </td>
            <td class="tiaas-load-cell" ${'data-label="Seats on these days"' if training.identifier in strips else "" | n}>\
% if training.identifier in strips:
${load.small(strips[training.identifier], training.identifier in wished)}
% endif
</td>
        </tr>
        % endfor
        </tbody>
    </table>
    ${parts.page_links(trainings, lambda number: address(page=number), what="trainings")}
    % if choosable:
    <fieldset class="tiaas-decide" data-decide>
        <legend class="sr-only">Decide about the chosen trainings</legend>
        <span class="tiaas-chosen" data-chosen aria-live="polite" hidden></span>
        <div class="tiaas-field"><label for="note">Note to the instructors</label>
        <input class="form-control" id="note" name="note" value="${typed.get('note', '')}" maxlength="10000" placeholder="optional"></div>
        <div class="tiaas-field"><label for="destination">Destination</label>
        <select class="form-control" id="destination" name="destination">
            <option value="">the usual one</option>
            % for choice in destinations:
            <option value="${choice.id}" ${"selected" if choice.id == typed.get("destination") else ""}>${choice.title or choice.id}</option>
            % endfor
        </select></div>
        <div class="tiaas-actions">
            <button class="btn btn-primary" type="submit" name="state" value="approved">Approve chosen</button>
            <button class="btn btn-outline-danger" type="submit" name="state" value="rejected">Reject chosen</button>
        </div>
    </fieldset>
    % endif
</form>
% elif query.needs_decision and not query.search and not query.phase or chosen == "new" and not query.search and not query.phase:
<p class="tiaas-empty"><span class="fas fa-check" aria-hidden="true"></span> No request is waiting. Nothing needs you at the moment.</p>
% elif filtered:
<p class="tiaas-empty">No training matches. <a href="${url('/tiaas/admin/')}">Clear filters</a></p>
% else:
<p class="tiaas-empty">Nobody has asked for a training yet. The form for it is at <a href="${url('/tiaas/new/')}">Request a training</a>.</p>
% endif
