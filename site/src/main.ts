/** Where the page begins. */

import './components/app.js';
