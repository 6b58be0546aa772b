<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${"Error: " if errors else ""}History of all trainings</%def>
<%def name="entry()">history</%def>
<% here = url("/tiaas/admin/history") %>

<%def name="described(name, help='')">${f"{name}-help " if help else ""}${f"{name}-error" if name in errors else ""}</%def>

<%def name="trouble(name)">
% if name in errors:
<div class="tiaas-error" id="${name}-error" role="alert">${errors[name]}</div>
% endif
</%def>

<%def name="text(name, label, help='', type='text')">
<div class="tiaas-history-field"><label for="${name}">${label}</label>
    <input class="form-control" id="${name}" name="${name}" type="${type}" value="${typed.get(name, '')}" ${'maxlength="255"' if type == "text" else "" | n} autocomplete="off" spellcheck="false" aria-describedby="${described(name, help)}" ${'aria-invalid="true" autofocus' if name in errors else "" | n}>
    ${trouble(name)}
    % if help:
    <div class="tiaas-help" id="${name}-help">${help}</div>
    % endif
</div>
</%def>

<%def name="choice(name, label, choices)">
<div class="tiaas-history-field"><label for="${name}">${label}</label>
    <select class="form-control" id="${name}" name="${name}">
        <option value="">any</option>
        % for value, words in choices:
        <option value="${value}" ${"selected" if typed.get(name) == value else ""}>${words}</option>
        % endfor
    </select>
    ${trouble(name)}
</div>
</%def>

<p class="tiaas-back"><a href="${url('/tiaas/admin/')}">← All requests</a></p>
<h1>History of all trainings</h1>
<p>Who changed what, when and how, the newest first. Where personal data has been
removed, nobody is named any more.</p>
<form method="post" action="${here}" class="tiaas-history-filter" aria-label="Which changes">
    ${parts.token_field(token)}
    ${text("training", "Training", "Its identifier or a link to it.")}
    ${text("user", "Who", f"Public name, e-mail address, or “{server}”.")}
    ${choice("action", "What", [(action, action) for action in actions])}
    ${choice("via", "How", [(via, formats.source(via)) for via in sources])}
    ${text("since", "From", type="date")}
    ${text("until", "To", "Whole days in UTC.", type="date")}
    <div class="tiaas-history-buttons">
        <button class="btn btn-outline-primary" type="submit">Show</button>
        % if filtered or errors:
        <a class="tiaas-filter-reset" href="${here}">Clear filters</a>
        % endif
    </div>
</form>
% if found and found.events:
<p class="tiaas-history-files">Everything ${"that matches" if filtered else ""} as a file:
    <span class="fas fa-file-csv ml-2" aria-hidden="true"></span> <a href="${address('.csv')}">CSV</a>
    <span class="fas fa-file-excel ml-2" aria-hidden="true"></span> <a href="${address('.csv', excel='true')}">CSV for Excel</a>
    <span class="fas fa-file-code ml-2" aria-hidden="true"></span> <a href="${address('.json')}">JSON</a></p>
<table class="table table-sm tiaas-stack tiaas-history">
    <thead><tr><th scope="col">When</th><th scope="col">Training</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>
    <tbody>
    % for event in found.events:
    <tr>
        <td class="tiaas-history-when">${formats.moment(event.time)}</td>
        <td class="tiaas-wide"><a href="${url(f'/tiaas/admin/trainings/{event.identifier}')}">${event.title}</a> <small>${event.identifier}</small></td>
        <td data-label="Who"><span>${formats.done_by(event.username, event.via)}</span></td>
        <td class="tiaas-history-what"><strong>${event.action}</strong>
            ${parts.changes_of(event)}
            % if event.note:
            <blockquote class="tiaas-prose">${event.note}</blockquote>
            % endif
        </td>
    </tr>
    % endfor
    </tbody>
</table>
% if found.has_newer or found.has_older:
<nav class="tiaas-leaf-through" aria-label="Pages">
    % if found.has_newer:
    <a class="btn btn-outline-primary btn-sm" href="${address(after=found.events[0].id)}">Newer</a>
    % endif
    % if found.has_older:
    <a class="btn btn-outline-primary btn-sm" href="${address(before=found.events[-1].id)}">Older</a>
    % endif
</nav>
% endif
% elif found and filtered:
<p class="tiaas-empty">Nothing matches. <a href="${here}">Clear filters</a></p>
% elif found:
<p class="tiaas-empty">Nothing has happened yet.</p>
% endif
