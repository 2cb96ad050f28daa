/*
 * What core asks of moment.js, answered by the browser's own dates.
 *
 * Core writes moment(text).format("LL, LT ([UTC]Z)") in the reader's language, and
 * nothing else.
 */
this.moment = (() => {
  const REGIONS = { ar: "ar-MA", fr: "fr-MA", en: "en-GB" };
  let locale = "fr-MA";

  const offset = (date) => {
    const minutes = -date.getTimezoneOffset();
    const two = (value) => String(Math.floor(Math.abs(value))).padStart(2, "0");
    return `UTC${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
  };

  const moment = (value) => {
    const date = new Date(value);
    return {
      isValid: () => !Number.isNaN(date.getTime()),
      format: () => {
        const style = { dateStyle: "long", timeStyle: "short" };
        const text = new Intl.DateTimeFormat(locale, style).format(date);
        return `${text} (${offset(date)})`;
      },
    };
  };

  moment.locale = (name) => {
    locale = REGIONS[name] || name || locale;
    return locale;
  };

  return moment;
})();
