<%inherit file="base.mako"/>
<%def name="title()">${"Address confirmed" if question.confirmed else "Confirm your address"}</%def>
<%def name="entry()">join</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
% if question.confirmed:
    <div class="tiaas-sign"><span class="fas fa-check" aria-hidden="true"></span></div>
    <h1>Address confirmed</h1>
    <p class="lead">Messages about the training <code>${question.identifier}</code> go to ${question.address}.</p>
    <p>There is nothing else to do; you can close this page.</p>
% else:
    <div class="tiaas-sign"><span class="fas fa-envelope" aria-hidden="true"></span></div>
    <h1>Is this your address?</h1>
    <p class="lead">${question.address}</p>
    <p>Somebody has asked ${config.owner} for the training <code>${question.identifier}</code>
    (${formats.days(question.start, question.end)}), and wants messages about their trainings to go to this address.</p>
    <form method="post" action="${url(f'/tiaas/contact/{address_token}')}">
        <button class="btn btn-primary btn-lg" type="submit">Confirm this address</button>
    </form>
    <p class="tiaas-more">If you know nothing of this, close this page. Nothing will be sent to you.</p>
% endif
</div>
