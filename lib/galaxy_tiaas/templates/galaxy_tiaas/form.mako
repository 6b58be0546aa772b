<%namespace name="parts" file="parts.mako"/>
<%!
ORDER = (
    "title identifier description start end timezone attendance location use_gtn gtn_links non_gtn_links"
    " name email instructors website other_requests advertise blogpost retain_contact"
).split()
#: Rarely used: out of the way until they hold something.
MORE = ("instructors", "website", "other_requests", "advertise", "blogpost", "retain_contact")


def in_order(errors):
    """The errors in the order of the fields on the page."""
    return sorted(errors.items(), key=lambda error: ORDER.index(error[0]) if error[0] in ORDER else len(ORDER))
%>

<%def name="described(name, help, *more)"><% ids = ([f"{name}-help"] if help else []) + list(more) + ([f"{name}-difference"] if name in differences else []) + ([f"{name}-error"] if errors.get(name) else []) %>\
% if ids:
aria-describedby="${" ".join(ids)}" \
% endif
% if errors.get(name):
aria-invalid="true"\
% endif
</%def>

<%def name="label(name, text, help, required)">
<label for="${name}" id="${name}-label">${text}</label>
% if not required:
<span class="tiaas-help">(optional)</span>
% endif
% if name in reviewed and training.state.value == "approved":
<span class="tiaas-reviewed"><span class="fas fa-user-clock" aria-hidden="true"></span> needs approval</span>
% endif
% if help:
<div class="tiaas-help" id="${name}-help">${help}</div>
% endif
</%def>

<%def name="error(name)">
% if errors.get(name):
<div class="tiaas-error" id="${name}-error"><span class="fas fa-exclamation-circle" aria-hidden="true"></span> ${errors[name]}</div>
% endif
</%def>

<%def name="difference(name)">
% if name in differences:
<% what, value = differences[name] %>
<div class="tiaas-difference" id="${name}-difference"><span class="tiaas-help">${what}:</span> <span>${value}</span></div>
% endif
</%def>

<%def name="text(name, text, help='', kind='text', required=False, lines=0, note=None, more=(), **attributes)">
<%
value = values.get(name, config.timezone if name == "timezone" else None)
value = ", ".join(value) if isinstance(value, list) else ("" if value is None else value)
more = list(more) + ([] if note is None else [f"{name}-note"])
fixed = name in reviewed and training.state.value != "approved"
%>
<div class="tiaas-field" data-field="${name}">
    ${label(name, text, help, required)}
    % if lines:
    <textarea class="form-control" id="${name}" name="${name}" rows="${lines}" ${described(name, help, *more)}>
${value}</textarea>
    % else:
    <input class="form-control" id="${name}" name="${name}" type="${kind}" value="${value}" ${"required" if required else ""} ${"readonly" if fixed else ""} ${described(name, help, *more)}
        % for key, setting in attributes.items():
        ${key.replace("_", "-")}="${setting}"
        % endfor
    >
    % endif
    ${difference(name)}
    ${error(name)}
    % if note is not None:
    <div class="tiaas-note" id="${name}-note" aria-live="polite">${note}</div>
    % endif
</div>
</%def>

<%def name="contact()">
<% months = config.gdpr_retain_extra_months %>
% if not config.gdpr_auto_redact:
${tick("retain_contact", f"You may keep my contact for {months} months after the course", help="For letters of support and the like.")}
% elif config.retain_contact_require_consent:
${tick("retain_contact", f"You may keep my contact for {months} months after the course", help=f"For letters of support and the like. Otherwise it is removed after {config.gdpr_redact_after_days} days.")}
% else:
<p class="tiaas-help">We keep your contact for ${months} months after the course, for letters of support and the like. Then it is removed.</p>
% if values.get("retain_contact"):
<input type="hidden" name="retain_contact" value="yes">
% endif
% endif
</%def>

<%def name="tick(name, text, help='')">
<div class="tiaas-tick-box" data-field="${name}">
    <input type="checkbox" id="${name}" name="${name}" value="yes" ${"checked" if values.get(name) else ""} ${described(name, help)}>
    <div><label for="${name}">${text}</label>
    % if help:
    <div class="tiaas-help" id="${name}-help">${help}</div>
    % endif
    ${difference(name)}
    ${error(name)}
    </div>
</div>
</%def>

<%def name="summary()">
% if differences:
<div class="alert alert-warning" role="alert" tabindex="-1" autofocus>
    <strong>Not saved yet.</strong> The training has changed since you opened this page. Compare these fields, then save again:
    <ul class="mb-0">
        % for name, (what, value) in in_order(differences):
        <li><a href="#${name}">${formats.field(name).capitalize()}</a></li>
        % endfor
    </ul>
</div>
% endif
% if errors:
<div class="alert alert-danger" role="alert" tabindex="-1" ${"" if differences else "autofocus"}>
    % if errors.get(""):
    <p class="mb-0"><strong>Not saved yet.</strong> ${errors[""]}
    % if not actor.user:
    <a href="${url('/login/start')}" target="_blank">Log in in another window</a>, come back here, and send the form again.
    % endif
    </p>
    % else:
    <strong>Please correct ${"this field" if len(errors) == 1 else f"{len(errors)} fields"}:</strong>
    <ul class="mb-0">
        % for name, message in in_order(errors):
        <li><a href="#${name}">${formats.field(name)}</a>: ${message}</li>
        % endfor
    </ul>
    % endif
</div>
% endif
</%def>

<%def name="fields(except_for='', origin='', notice_days=None)">
<%
more_used = any(values.get(name) or errors.get(name) or name in differences for name in MORE)
chosen = [code.upper() for code in values.get("location", [])]
lands = sorted(countries().items(), key=lambda item: item[0] not in chosen)
%>
<fieldset>
    <legend>The course</legend>
    ${text("title", "Title", required=True, maxlength=255, autocomplete="off")}
    ${text(
        "identifier", "Identifier",
        help=f"A short name of at most {config.identifier_max_length} letters, digits, hyphens or underscores. Your class joins at {actor.base_url}/join-training/ followed by it.",
        required=True, note="Still free: " + ", ".join(suggestions) if suggestions else "",
        maxlength=64, autocapitalize="none", autocomplete="off", spellcheck="false",
        data_check=url("/api/tiaas/identifiers") if actor.user or actor.is_admin else "", data_except_for=except_for, data_origin=origin,
        data_link=f"{actor.base_url}/join-training/",
    )}
    ${text("description", "Short description", help="What will be taught, and to whom.", lines=2)}
</fieldset>
<fieldset>
    <legend>When and where</legend>
    <div class="tiaas-row">
        ${text("start", "First day", kind="date", required=True, more=["days-note"], data_stored="" if training is None else training.start)}
        ${text("end", "Last day", kind="date", required=True, more=["days-note"])}
    </div>
    <div id="days-note" class="tiaas-note" aria-live="polite" data-contact="${contact_email}" data-notice-days="${'' if notice_days is None else notice_days}"></div>
    <div class="tiaas-row">
        ${text("timezone", "Time zone", help="The days begin and end there. Type a city.", required=True, note="", list="time-zones", autocomplete="off", spellcheck="false", data_guess="" if "timezone" in values else "yes")}
        ${text("attendance", "People", help="How many trainees you expect.", kind="number", required=True, min=1)}
    </div>
    <datalist id="time-zones">
        % for zone in formats.time_zones():
        <option value="${zone}"></option>
        % endfor
    </datalist>
    <div class="tiaas-field" data-field="location">
        ${label("location", "Countries", "Where the people are, for statistics.", False)}
        <div class="tiaas-help tiaas-without-script" id="location-how">Hold Ctrl or ⌘ to choose several.</div>
        <select class="form-control" id="location" name="location" multiple size="6" ${described("location", True)}>
            % for code, land in lands:
            <option value="${code}" data-alpha3="${land.alpha3}" data-names="${' | '.join(land.other_names)}" ${"selected" if code in chosen else ""}>${land.name}</option>
            % endfor
        </select>
        ${difference("location")}
        ${error("location")}
    </div>
</fieldset>
<fieldset>
    <legend>Materials</legend>
    ${tick("use_gtn", "I use materials of the Galaxy Training Network", help="The tutorials on training.galaxyproject.org.")}
    ${text("gtn_links", "Which of its tutorials?", help="Titles or addresses, so that we can check that the tools are there.", lines=2)}
    ${text("non_gtn_links", "Other materials, workflows and tools", help="If you use tools of your own or large data, tell us here.", lines=2)}
</fieldset>
<fieldset>
    <legend>You</legend>
    <div class="tiaas-row">
        ${text("name", "Name", help="How we address you.", required=True, autocomplete="name")}
        ${text("email", "E-mail address", help="Where we reach you.", kind="email", required=True, autocomplete="email")}
    </div>
</fieldset>
<details class="tiaas-more" ${"open" if more_used else ""}>
    <summary>More <span class="tiaas-help">other instructors, website, wishes, publicity</span></summary>
    ${text("instructors", "Other instructors", help="Public names or e-mail addresses of their accounts on this Galaxy, separated by commas. They are invited; whoever accepts sees and may do what you do.")}
    ${text("website", "Website", help="Its address.", inputmode="url", autocapitalize="none", spellcheck="false")}
    ${text("other_requests", "Anything else?", help="What the administrators should know.", lines=3)}
    % if config.show_advertising:
    ${tick("advertise", "List the training publicly on this server")}
    % elif values.get("advertise"):
    <input type="hidden" name="advertise" value="yes">
    % endif
    ${tick("blogpost", "I would write a short blog post afterwards")}
    ${contact()}
</details>
</%def>
