// What a script adds to pages that work without one: the telephone's own position, and what is wrong first.
const byId = (id) => document.getElementById(id);

function fill(name, value) {
  document.querySelector(`#draft input[name="${name}"]`).value = value;
}

function located(position) {
  const { latitude, longitude, accuracy } = position.coords;
  fill("lat", latitude.toFixed(6));
  fill("lon", longitude.toFixed(6));
  fill("error_m", Math.max(1, Math.round(accuracy)));
  byId("found").hidden = false;
  byId("located").textContent = "";
}

const locate = byId("locate");
if (locate && "geolocation" in navigator && window.isSecureContext) {
  byId("here").hidden = false;
  locate.addEventListener("click", () => {
    byId("located").textContent = locate.dataset.looking;
    const failed = () => {
      byId("located").textContent = locate.dataset.failed;
    };
    navigator.geolocation.getCurrentPosition(located, failed, { enableHighAccuracy: true, timeout: 15000 });
  });
}

const forget = byId("forget");
if (forget) {
  forget.addEventListener("click", () => {
    for (const name of ["lat", "lon", "error_m"]) fill(name, "");
    byId("found").hidden = true;
  });
}

const photo = byId("photo");
const previews = byId("previews");
if (photo && previews) {
  photo.addEventListener("change", () => {
    for (const each of previews.children) URL.revokeObjectURL(each.src);
    const shown = [...photo.files].filter((file) => file.type.startsWith("image/")).slice(0, 6);
    previews.replaceChildren(
      ...shown.map((file) => Object.assign(new Image(), { src: URL.createObjectURL(file), alt: file.name })),
    );
  });
}

// In the demo county the tour on the start page knows what has been done here.
const step = /[?&](new=1|thanks=)/.exec(location.search)?.[1];
if (step && document.querySelector("header .demo")) {
  try {
    const been = new Set((localStorage.getItem("huying.tour_been") ?? "").split(" ").filter(Boolean));
    localStorage.setItem("huying.tour_been", [...been.add(step === "new=1" ? "report" : "follow")].join(" "));
  } catch {
    // a private window; then the tour does not know
  }
}

const wrong = document.querySelector(".wrong");
if (wrong) wrong.focus();
