// Tells the service that a link which leads straight to a shop was followed: which link, and nothing else.
// The link works without it, and whoever asks for privacy (Global Privacy Control) is not counted.
if (!navigator.globalPrivacyControl && navigator.sendBeacon) {
  const tell = (event) => {
    const link = event.button < 2 && event.target.closest("a[data-hit]");
    if (link) {
      navigator.sendBeacon("/hit", new URLSearchParams({ code: link.dataset.hit, placement: link.dataset.placement }));
    }
  };
  document.addEventListener("click", tell);
  document.addEventListener("auxclick", tell);
}
