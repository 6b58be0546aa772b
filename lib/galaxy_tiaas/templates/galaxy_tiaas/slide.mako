<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Join ${training.title} – ${config.owner}</title>
    <link rel="icon" href="${url('/static/favicon.ico')}">
    <link rel="stylesheet" href="${stylesheet}">
    ${assets.tags("slide")}
</head>
<body class="tiaas-slide">
    <nav aria-label="Slide">
        <a href="${url(f'/tiaas/trainings/{training.identifier}')}">Back to the training</a>
        <button type="button" class="btn btn-outline-primary" data-fullscreen hidden><span class="fas fa-expand" aria-hidden="true"></span> Full screen</button>
        <button type="button" class="btn btn-outline-primary" data-print hidden><span class="fas fa-print" aria-hidden="true"></span> Print</button>
    </nav>
    <main>
        <div class="tiaas-slide-code">
            <figure>${qr_code | n}<figcaption class="sr-only">QR code of the link below</figcaption></figure>
            <div>
                <h1>${training.title}</h1>
                <p class="tiaas-slide-days">${formats.days(training.start, training.end)}</p>
                <ol>
                    <li>Scan the code, or open the link.</li>
                    <li>Log in to Galaxy, or make an account.</li>
                    <li>“You are in”: start working.</li>
                </ol>
            </div>
        </div>
        <p class="tiaas-slide-link">
        % for part in training.join_url.partition("://")[2].split("/"):
${"" if loop.first else "/"}<wbr>${part}\
        % endfor
</p>
    </main>
</body>
</html>
