// Makes forms of the questions. Without this script each question is a list with its answers in a disclosure.
// Answers stay on the reader's device, in localStorage; nothing is sent anywhere.
(() => {
  "use strict";
  const quizzes = [...document.querySelectorAll(".quiz")];
  if (!quizzes.length) return;

  const page = document.documentElement.dataset.quizPage || location.pathname.replace(/^.*\/(?=[^/]+\/[^/]+$)/, "");
  const prefix = `quiz:${page}:`;
  let storage = null;
  try {
    storage = window.localStorage;
    storage.getItem(prefix);
  } catch {
    storage = null; // private windows may forbid it: questions work, answers are not kept
  }
  const load = (name) => {
    try {
      return JSON.parse(storage?.getItem(prefix + name) ?? "null");
    } catch {
      return null;
    }
  };
  const save = (name, value) => {
    try {
      storage?.setItem(prefix + name, JSON.stringify(value));
    } catch {
      // the device is full: the answer is simply not kept
    }
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "text") element.textContent = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const titleOf = (quiz) => quiz.querySelector(".quiz-head strong").textContent;
  const feedbackOf = (quiz, letter) => {
    const item = quiz.querySelector(`.quiz-feedbacks > li[data-letter="${letter}"]`);
    const see = quiz.querySelector(".quiz-answers .quiz-see");
    const parts = [...item.children].filter((child) => !child.classList.contains("quiz-letter"));
    return [...parts, see].filter(Boolean).map((part) => part.cloneNode(true));
  };
  const show = (quiz, after, letter, right, word) => {
    const box = make("div", { class: `quiz-shown${right ? " is-right" : ""}` });
    if (word) box.append(make("strong", { text: `${word} ` }));
    box.append(...feedbackOf(quiz, letter));
    after.append(box);
  };
  const unwrap = (item, control) => {
    const text = make("span", { class: "quiz-text" });
    text.append(...item.childNodes);
    item.append(control(text));
    return item;
  };

  // Each kind gives: read() the answer or null, write(answer) into the form, judge(answer) and reveal(answer).
  const kinds = {
    choice(quiz, list, items) {
      const many = quiz.dataset.kind === "several";
      const inputs = items.map((item) => {
        const input = make("input", { type: many ? "checkbox" : "radio", name: quiz.id, value: item.dataset.letter });
        unwrap(item, (text) => make("label", {}, input, text));
        return input;
      });
      const right = items.filter((item) => item.dataset.right === "1").map((item) => item.dataset.letter);
      return {
        read: () => {
          const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
          return chosen.length ? chosen : null;
        },
        write: (answer) => inputs.forEach((input) => (input.checked = answer.includes(input.value))),
        judge: (answer) => answer.length === right.length && answer.every((letter) => right.includes(letter)),
        reveal: (answer) => {
          for (const item of items) {
            const letter = item.dataset.letter;
            const isRight = right.includes(letter);
            if (!many && !answer.includes(letter)) continue;
            const chosen = answer.includes(letter);
            const left = isRight ? "You left it out, but it belongs." : "You left it out.";
            show(quiz, item, letter, isRight === chosen, many ? (chosen ? "You chose it." : left) : "");
          }
        },
      };
    },
    numeric(quiz) {
      const blank = quiz.querySelector(".quiz-blank");
      const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off" });
      const unit = quiz.dataset.unit ? ` ${quiz.dataset.unit}` : "";
      blank.replaceChildren(make("label", {}, "Your answer: ", input, unit));
      const target = Number(quiz.dataset.answer);
      const tolerance = Number(quiz.dataset.tolerance);
      const number = (text) => Number(text.trim().replace(/[\s\u00a0]/g, "").replace(/−/g, "-").replace(",", "."));
      return {
        read: () => (input.value.trim() && Number.isFinite(number(input.value)) ? input.value.trim() : null),
        empty: "Write a number first.",
        write: (answer) => (input.value = answer),
        judge: (answer) => Math.abs(number(answer) - target) <= tolerance * (1 + 1e-9),
        reveal: (answer, right) => {
          const item = quiz.querySelectorAll(".quiz-feedbacks > li")[right ? 0 : 1];
          const place = make("div", { class: "quiz-place" });
          blank.after(place);
          show(quiz, place, item.dataset.letter, right);
        },
      };
    },
    ordering(quiz, list, items) {
      const say = make("p", { class: "visually-hidden", "aria-live": "polite" });
      quiz.append(say);
      const name = (item) => item.querySelector(".quiz-text").textContent.trim();
      const move = (item, step, button) => {
        const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
        if (!other) return;
        if (step < 0) other.before(item);
        else other.after(item);
        button.focus();
        say.textContent = `${name(item)}: place ${[...list.children].indexOf(item) + 1} of ${items.length}`;
      };
      for (const item of items) {
        unwrap(item, (text) => {
          const row = make("div", { class: "quiz-row" });
          const label = text.textContent.trim();
          const up = make("button", { type: "button", "aria-label": `Move up: ${label}`, text: "↑" });
          const down = make("button", { type: "button", "aria-label": `Move down: ${label}`, text: "↓" });
          up.addEventListener("click", () => move(item, -1, up));
          down.addEventListener("click", () => move(item, 1, down));
          row.append(make("span", { class: "quiz-moves" }, up, down), text);
          return row;
        });
      }
      const order = () => [...list.children].map((item) => item.dataset.letter);
      const right = [...items].sort((a, b) => a.dataset.place - b.dataset.place).map((item) => item.dataset.letter);
      return {
        read: order,
        write: (answer) => {
          const wanted = answer.map((letter) => items.find((item) => item.dataset.letter === letter));
          if (wanted.every(Boolean)) list.append(...wanted);
        },
        judge: (answer) => answer.join() === right.join(),
        reveal: (answer) => {
          answer.forEach((letter, position) => {
            const item = items.find((other) => other.dataset.letter === letter);
            const correct = right[position] === letter;
            show(quiz, item, letter, correct, `Its place is ${right.indexOf(letter) + 1}.`);
          });
        },
      };
    },
    matching(quiz, list, items) {
      const partners = [...quiz.querySelectorAll(".quiz-partners > li")];
      const selects = items.map((item) => {
        const label = item.textContent.trim();
        const select = make("select", { "aria-label": `What belongs to: ${label}` }, make("option", { value: "", text: "choose" }));
        for (const partner of partners) {
          const letter = partner.dataset.letter;
          select.append(make("option", { value: letter, text: `(${letter}) ${partner.textContent.trim()}` }));
        }
        unwrap(item, (text) => make("div", { class: "quiz-row" }, text, select));
        return select;
      });
      return {
        read: () => (selects.every((select) => select.value) ? selects.map((select) => select.value) : null),
        empty: "Choose a partner for each line first.",
        write: (answer) => selects.forEach((select, i) => (select.value = answer[i])),
        judge: (answer) => items.every((item, i) => item.dataset.partner === answer[i]),
        reveal: (answer) => {
          items.forEach((item, i) => {
            const correct = item.dataset.partner === answer[i];
            show(quiz, item, item.dataset.letter, correct, correct ? "Right." : `It belongs to (${item.dataset.partner}).`);
          });
        },
      };
    },
  };
  const builder = { single: "choice", several: "choice", "true-false": "choice" };

  const results = new Map();
  for (const quiz of quizzes) {
    const kind = quiz.dataset.kind;
    const list = quiz.querySelector(".quiz-options");
    const items = list ? [...list.children] : [];
    const signature = items.map((item) => item.textContent.trim()).join("|") + (quiz.dataset.answer ?? "");
    quiz.setAttribute("role", "group");
    quiz.setAttribute("aria-label", `${titleOf(quiz)}: ${quiz.querySelector(".quiz-kind").textContent}`);
    list?.classList.add("is-form");
    const form = kinds[builder[kind] ?? kind](quiz, list, items);
    const status = make("p", { class: "quiz-status", role: "status" });
    const check = make("button", { type: "button", text: "Check" });
    const again = make("button", { type: "button", text: "Try again" });
    again.hidden = true;
    quiz.querySelector(".quiz-answers").before(make("div", { class: "quiz-actions" }, check, again), status);

    const hide = () => quiz.querySelectorAll(".quiz-shown, .quiz-place").forEach((box) => box.remove());
    const judge = (answer, keep) => {
      hide();
      const right = form.judge(answer);
      form.reveal(answer, right);
      status.textContent = right ? "Right." : "Not yet right: read the feedback.";
      again.hidden = false;
      results.set(quiz, { right, answer });
      if (keep) save(quiz.dataset.name, { answer, right, signature });
    };
    check.addEventListener("click", () => {
      const answer = form.read();
      if (answer === null) {
        status.textContent = form.empty ?? "Choose an answer first.";
        return;
      }
      judge(answer, true);
      score();
    });
    again.addEventListener("click", () => {
      hide();
      status.textContent = "";
      again.hidden = true;
      (quiz.querySelector("input, select, .quiz-moves button") ?? check).focus();
    });
    quiz.clearAnswer = () => {
      hide();
      status.textContent = "";
      again.hidden = true;
      results.delete(quiz);
      quiz.querySelectorAll("input").forEach((input) => (input.type === "text" ? (input.value = "") : (input.checked = false)));
      quiz.querySelectorAll("select").forEach((select) => (select.value = ""));
      storage?.removeItem(prefix + quiz.dataset.name);
    };
    const kept = load(quiz.dataset.name);
    if (kept && kept.signature === signature) {
      form.write(kept.answer);
      judge(kept.answer, false);
    }
  }

  const line = make("p", { role: "status" });
  const clear = make("button", { type: "button", text: "Clear my answers" });
  const print = make("button", { type: "button", text: "Print this page" });
  const save_ = make("button", { type: "button", text: "Save my answers" });
  const bar = make(
    "section",
    { class: "quiz-score", "aria-label": "Your answers on this page" },
    line,
    make("div", { class: "quiz-actions" }, save_, print, clear),
  );
  quizzes.at(-1).after(bar);
  const score = () => {
    const right = [...results.values()].filter((result) => result.right).length;
    line.textContent =
      `Your answers: ${right} right, ${results.size} answered, ${quizzes.length} questions on this page. ` +
      (storage ? "They are kept on this device only." : "This browser doesn't let the page keep them.");
  };
  clear.addEventListener("click", () => {
    quizzes.forEach((quiz) => quiz.clearAnswer());
    score();
    line.textContent += " Cleared.";
  });
  print.addEventListener("click", () => window.print());
  save_.addEventListener("click", () => {
    const cell = (text) => `"${String(text).replaceAll('"', '""').replace(/\s+/g, " ").trim()}"`;
    const rows = [["page", "question", "objective", "text", "answer", "result"]];
    for (const quiz of quizzes) {
      const result = results.get(quiz);
      const answer = result ? [result.answer].flat().join(" ") : "";
      const outcome = result ? (result.right ? "right" : "not right") : "not answered";
      const text = quiz.querySelector(".quiz-prompt").textContent;
      rows.push([document.title, titleOf(quiz), quiz.querySelector(".quiz-objective").textContent, text, answer, outcome]);
    }
    const csv = "\ufeff" + rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = make("a", { href: URL.createObjectURL(new Blob([csv], { type: "text/csv" })), download: "my-answers.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  score();
})();
